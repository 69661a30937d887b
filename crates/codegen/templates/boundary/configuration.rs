{% for key in configuration %}
{{ key.doc|plain|wrap(110, "///   " ~ "%-18s"|format(key.name) ~ "  ", "///" ~ "                       ") }}
{% endfor %}
