"""The rows of the benchmark: one method of the field a file, registered by `@register`."""
