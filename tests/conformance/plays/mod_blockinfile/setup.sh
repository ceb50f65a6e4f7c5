printf 'first\nlast\n' > conf
printf 'a\n# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\nb\n' | tee old > gone
