"""What the pages say of one thing, in words. Pure: a payload in, words out."""
