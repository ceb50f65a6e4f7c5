mkdir -p old/deep tree/deep; touch old/deep/x target script tree/deep/file; chmod 755 tree/deep/file
