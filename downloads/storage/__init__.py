"""The storage of finished files, and the media types they are served with."""
