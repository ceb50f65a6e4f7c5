mkdir to a; echo x > a/x; echo y > a/y; chmod 640 a/y; tar --mtime=2020-01-01 -czf /tmp/a.tar.gz a; rm -r a; mkdir -p to; mv /tmp/a.tar.gz .
