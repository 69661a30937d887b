{% from "pascal/macros.txt" import request_function, nothing, set_name %}
{% for flat in flat_operations if flat.record %}
{{ request_function(flat, false) }}
begin
{% for part in flat.parts %}
{% if part.is_set %}
  Result.{{ set_name(part, "Allow") }} := [];
  Result.{{ set_name(part, "Forbid") }} := [];
{% else %}
{% for value in part.values %}
  Result.{{ value.name }} := {{ value.name if part.required else nothing(value)|trim }};
{% endfor %}
{% endif %}
{% endfor %}
end;

{% endfor %}
