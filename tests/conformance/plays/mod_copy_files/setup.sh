echo there > there; mkdir exists
