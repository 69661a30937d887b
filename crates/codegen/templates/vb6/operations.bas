{% macro type(value) %}
{% if value.kind == "integer" %}Long
{%- elif value.kind == "true" or (value.kind == "boolean" and (value.required or value.plain_boolean)) %}Boolean
{%- elif value.kind in ["boolean", "boolean_or"] %}Variant
{%- else %}String
{%- endif %}
{% endmacro %}
{% macro name(value) %}
{{ value.name }}{{ "Json" if value.kind in ["flat_object", "any_object", "any"] else "" }}
{%- endmacro %}
{% macro parameter(value) %}
{% set t = type(value)|trim %}
{% set nothing = {"Long": " = 0", "Boolean": " = False", "Variant": "", "String": ' = ""'}[t] %}
{{ "" if value.always_required else "Optional " }}ByVal {{ name(value) }} As {{ t }}{{ "" if value.always_required else nothing }}
{%- endmacro %}
{# Adds a value to an object, unless it means left out. #}
{% macro addition(object, value) %}
{% set n = name(value) %}
{% if value.kind == "integer" %}
    {{ "" if value.required else "If " ~ n ~ " <> 0 Then " }}AddJson {{ object }}, "{{ value.key }}", CStr({{ n }})
{% elif value.kind == "true" or (value.kind == "boolean" and value.required) %}
    AddJson {{ object }}, "{{ value.key }}", IIf({{ n }}, "true", "false")
{% elif value.kind == "boolean" and value.plain_boolean %}
    If {{ n }} Then AddJson {{ object }}, "{{ value.key }}", "true"
{% elif value.kind == "boolean" %}
    If Not IsMissing({{ n }}) Then AddJson {{ object }}, "{{ value.key }}", IIf({{ n }}, "true", "false")
{% elif value.kind == "boolean_or" %}
    If Not IsMissing({{ n }}) Then
        If VarType({{ n }}) = vbBoolean Then
            AddJson {{ object }}, "{{ value.key }}", IIf({{ n }}, "true", "false")
        Else
            AddJson {{ object }}, "{{ value.key }}", UpscopeQuote({{ n }})
        End If
    End If
{% elif value.kind in ["flat_object", "any_object", "any"] %}
    {{ "" if value.required else "If Len(" ~ n ~ ") > 0 Then " }}AddJson {{ object }}, "{{ value.key }}", {{ n }}
{% elif value.required %}
    AddJson {{ object }}, "{{ value.key }}", UpscopeQuote({{ n }})
{% else %}
    AddText {{ object }}, "{{ value.key }}", {{ n }}
{% endif %}
{% endmacro %}
{# Functions whose parameters do not have the order of the keys. #}
{% set orders = {"list_sessions": ["after_id", "before_id", "ongoing_only", "updated_after"]} %}
{% for operation in operations %}
{% set flat = flat_operations[loop.index0] %}
{% set function = "Upscope" ~ operation.name|camel %}
{# If a request has optional objects, a parameter takes all optional keys as JSON. #}
{% set with_more = flat.parts|selectattr("is_object")|rejectattr("required")|list|length > 0 %}
{% set parts = flat.parts|selectattr("required")|list if with_more else flat.parts %}
{% set list = namespace(parameters=["ByVal Client As Long"], text=operation.summary ~ (" " ~ operation.details if operation.details else "")) %}
{% set order = orders[operation.name] if operation.name in orders else parts|map(attribute="key")|list %}
{% for key in order %}
{% for part in parts if part.key == key %}
{% for value in part.values %}
{% set list.parameters = list.parameters + [parameter(value)] %}
{% set list.text = list.text ~ " " ~ name(value) ~ ": " ~ value.doc|lower_first %}
{% endfor %}
{% endfor %}
{% endfor %}
{% if with_more %}
{% set list.parameters = list.parameters + ['Optional ByVal MoreJson As String = ""'] %}
{% set others = flat.parts|rejectattr("required")|map(attribute="key")|join(", ") %}
{% set list.text = list.text ~ " MoreJson: a JSON object with any of the keys " ~ others ~ "." %}
{% endif %}

{{ list.text|plain|wrap(118, "' ") }}
{{ list.parameters|fill_basic("Public Function " ~ function ~ "(", ") As String", 118, "    ") }}
{% if not parts and not with_more %}
    {{ function }} = UpscopeCall(Client, "{{ operation.name }}")
{% else %}
    Dim Request As String
{% for part in parts if part.is_object %}
    Dim {{ part.key|camel }} As String
{% endfor %}
{% for part in parts %}
{% for value in part.values %}
{{ addition(part.key|camel if part.is_object else "Request", value) -}}
{% endfor %}
{% if part.is_object %}
    AddJson Request, "{{ part.key }}", CloseObject({{ part.key|camel }})
{% endif %}
{% endfor %}
{% if with_more %}
    AddMore Request, MoreJson
{% endif %}
    {{ function }} = UpscopeCall(Client, "{{ operation.name }}", CloseObject(Request))
{% endif %}
End Function
{% endfor %}

