echo ready 5 > there
