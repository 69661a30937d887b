{% from "pascal/macros.txt" import comment, word_prefix, set_name, set_type, element_type, type %}
{% set done = namespace(names=[], flags=false) %}
{% for flat in flat_operations %}
{% for part in flat.parts %}
{% if part.is_set and part.type_name not in done.names %}
{% set done.names = done.names + [part.type_name] %}
{% set u = word_prefix(part.type_name) %}
{{ comment(objects[part.type_name].doc, "  ") }}
{% set words = part.values|map(attribute="key")|map("replace", "allow_", "")|map("camel")|list %}
{{ words|map("prefixed", u)|list|fill("  " ~ element_type(part) ~ " = (", ");", 120, "    ") }}
  {{ set_type(part) }} = set of {{ element_type(part) }};

{% elif not part.is_set %}
{% for value in part.values %}
{% if value.kind == "boolean_or" and value.type_name not in done.names %}
{% set done.names = done.names + [value.type_name] %}
{{ comment(value.doc, "  ") }}
{{ (["default", "no", "yes"] + value.words)|map("camel")|map("prefixed", word_prefix(value.type_name))|list|fill("  TUpscope" ~ value.type_name ~ " = (", ");", 120, "    ") }}

{% elif type(value)|trim == "TUpscopeFlag" %}
{% set done.flags = true %}
{% endif %}
{% endfor %}
{% endif %}
{% endfor %}
{% endfor %}
{% if done.flags %}
  { A boolean, or the default of the service. }
  TUpscopeFlag = (ufDefault, ufNo, ufYes);

{% endif %}
{% for flat in flat_operations if flat.record %}
{{ comment(flat.record.doc, "  ") }}
  TUpscope{{ flat.record.name }} = record
{% for part in flat.parts %}
{% if part.is_set %}
    { Permissions in neither set are left out. }
    {{ set_name(part, "Allow") }}, {{ set_name(part, "Forbid") }}: {{ set_type(part) }};
{% else %}
{% for value in part.values %}
{{ comment(value.doc, "    ") }}
    {{ value.name }}: {{ type(value)|trim }};
{% endfor %}
{% endif %}
{% endfor %}
  end;

{% endfor %}
