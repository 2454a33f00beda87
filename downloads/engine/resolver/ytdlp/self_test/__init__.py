"""The test that a release of yt-dlp must pass in the jail before it is used. Ships with Ferry.

pages   recorded pages: YouTube in small, and a web page
child   inside the jail: the extractor's own child, which reads those pages
run     the owner's side: asks it, and judges the answers as a download's are
"""
