{% from "pascal/macros.txt" import comment, maker %}
{% for flat in flat_operations if flat.record %}
{% if not loop.first %}

{% endif %}
{ Everything that is not given here is left out. }
{{ maker(flat, true) }}
{% endfor %}
