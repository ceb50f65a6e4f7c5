mkdir -p a/b/c; echo needle > one.log; echo x > a/two.log; echo x > a/b/c/three.txt; touch .hidden; head -c 2000 /dev/zero > a/big
