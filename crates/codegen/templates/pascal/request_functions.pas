{% from "pascal/macros.txt" import request_function %}
{% for flat in flat_operations if flat.record %}
{% if not loop.first %}

{% endif %}
{ All other values are left out. }
{{ request_function(flat, true) }}
{% endfor %}
