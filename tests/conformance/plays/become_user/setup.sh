mkdir open && chown ops open
