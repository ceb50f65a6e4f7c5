printf x > there; printf old > kept
