{% from "pascal/macros.txt" import comment, header %}
{% for operation in operations %}
{% set flat = flat_operations[loop.index0] %}
{% set text = namespace(all=operation.summary ~ (" " ~ operation.details if operation.details else "")) %}
{% if not flat.record %}
{% for part in flat.parts if not part.is_set %}
{% for value in part.values %}
{% set text.all = text.all ~ " " ~ value.name ~ ": " ~ value.doc|lower_first %}
{% endfor %}
{% endfor %}
{% endif %}
{{ comment(text.all, "    ") }}
{{ header("    function " ~ operation.name|camel ~ "(", operation, flat, true, "      ") }}
{% endfor %}
