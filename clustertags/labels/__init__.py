"""Labels that people give: seed tags, keywords, rules for tags, spellings, uninformative tags."""
