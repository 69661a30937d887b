{% from "vb6/macros.txt" import json_kinds, name, signature, takes_more %}
{# Adds a value to the fields of a request, unless it means left out. #}
{% macro addition(path, value) %}
{% set n = name(value) %}
{% if value.kind == "integer" and not value.required %}
    If {{ n }} <> 0 Then AddField Fields, "{{ path }}", {{ n }}
{% elif value.kind == "boolean" and value.plain_boolean and not value.required %}
    If {{ n }} Then AddField Fields, "{{ path }}", {{ n }}
{% elif value.kind in ["boolean", "boolean_or"] and not value.required %}
    If Not IsMissing({{ n }}) Then AddField Fields, "{{ path }}", {{ "CBool(" ~ n ~ ")" if value.kind == "boolean" else n }}
{% elif value.required or value.kind == "true" %}
    AddField Fields, "{{ path }}", {{ n }}
{% else %}
    AddText Fields, "{{ path }}", {{ n }}
{% endif %}
{% endmacro %}
{% for operation in operations %}
{% set flat = flat_operations[loop.index0] %}
{% set function = "Upscope" ~ operation.name|camel %}
{% set with_more = takes_more(flat)|trim %}
{% set parts = flat.parts|selectattr("required")|list if with_more else flat.parts %}
{# upscope_json_build takes no JSON, so these values are added to its result. #}
{% set is_json = namespace(any=with_more != "") %}
{% for part in parts %}
{% for value in part.values if value.kind in json_kinds %}
{% if value.required or part.is_object %}{{ error_the_module_cannot_add_this_kind_of_value }}{% endif %}
{% set is_json.any = true %}
{% endfor %}
{% endfor %}

{{ signature("comment", operation, flat) }}
{{ signature("header", operation, flat, ["ByVal Client As Long"], "Public Function " ~ function ~ "(", ") As String") }}
{% if not parts and not with_more %}
    {{ function }} = UpscopeCall(Client, "{{ operation.name }}")
{% else %}
    Dim Fields As New Collection
{% if is_json.any %}
    Dim Request As String
{% endif %}
{% for part in parts %}
{% for value in part.values if value.kind not in json_kinds %}
{{ addition((part.key ~ "." if part.is_object else "") ~ value.key, value) -}}
{% endfor %}
{% endfor %}
{% if is_json.any %}
    Request = BuildRequest("{{ operation.name }}", Fields)
{% for part in parts %}
{% for value in part.values if value.kind in json_kinds %}
    Request = WithMember(Request, "{{ value.key }}", {{ name(value) }})
{% endfor %}
{% endfor %}
{% if with_more %}
    Request = WithMembers(Request, MoreJson)
{% endif %}
    {{ function }} = UpscopeCall(Client, "{{ operation.name }}", Request)
{% else %}
{{ ["Client", '"' ~ operation.name ~ '"', 'BuildRequest("' ~ operation.name ~ '", Fields)']|fill_basic("    " ~ function ~ " = UpscopeCall(", ")", 118, "        ") }}
{% endif %}
{% endif %}
End Function
{% endfor %}

