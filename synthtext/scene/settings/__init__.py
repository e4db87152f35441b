"""Where scenes are set: a file a setting, each declared by it as `SETTING`."""
