printf 'old older\n# comment\nann@home\n' > a
for name in b c d; do printf 'x\nbegin\nx\nend\nx\n' > $name; done
