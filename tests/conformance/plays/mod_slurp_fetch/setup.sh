echo "of $1" > file
