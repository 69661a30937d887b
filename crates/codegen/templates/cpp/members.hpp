{% from "cpp/macros.txt" import members %}
{{ members("Config", configuration) -}}
{{ members("CallOptions", objects["CallOptions"].keys) -}}
{% set done = namespace(names=[]) %}
{% for operation in operations %}
{% for key in operation.keys if key.kind == "object" %}
{% if key.type_name not in done.names %}
{{ members(key.type_name, objects[key.type_name].keys) -}}
{% endif %}
{% set done.names = done.names + [key.type_name] %}
{% endfor %}
{{ members(operation.type_name, operation.keys + [options]) -}}
{% endfor %}

/** The name of the operation that a request type belongs to. */
{% for operation in operations %}
inline const char *operation_of(const {{ operation.type_name }} &) { return "{{ operation.name }}"; }
{% endfor %}

/** All request types. */
template <typename...>
struct List {};
{{ operations|map(attribute="type_name")|list|fill("using Requests = List<", ">;", 120, "                      ") }}

