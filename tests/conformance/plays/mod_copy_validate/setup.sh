echo old > conf
