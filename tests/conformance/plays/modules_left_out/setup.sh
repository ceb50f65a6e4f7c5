mkdir parts; echo a > parts/a
