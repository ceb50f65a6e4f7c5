touch target
