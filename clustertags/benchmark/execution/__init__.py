"""Running of methods: their processes, memory and time, and the cached cells."""
