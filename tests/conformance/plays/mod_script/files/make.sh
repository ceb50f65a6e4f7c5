#!/bin/sh
echo "$2" > "/srv/area/$1"
