printf '# comment\na = 1\nb = 2\nc = 1\nc = 2\nd = x\ne.e = 0\n' > conf; printf 'no end' > cut
