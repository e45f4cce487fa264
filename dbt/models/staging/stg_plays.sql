{{ unified_plays(none) }}
