echo text > file; chmod 640 file; ln -s file link; mkdir -m 2775 folder
