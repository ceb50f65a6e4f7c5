mkdir www; echo a > www/a.txt; echo '{"key": "value"}' > www/a.json
