{% for model in models|reverse %}

template <typename To>
void attributes(To &to, const {{ model.name }} *) {
{% for attribute in model.attributes %}
    to.attribute("{{ attribute.name }}", &{{ model.name }}::{{ attribute.name }});
{% endfor %}
}
{% endfor %}
{# The JSON pointers of each struct, and of each list. #}
{% macro places(kind, model, pointers) %}
{% if pointers %}

template <>
struct {{ kind }}<{{ model }}> {
    static constexpr std::string_view all[] = {{ "{" }}"{{ pointers|join("\", \"") }}"{{ "}" }};
};
{% endif %}
{% endmacro %}
{% for model in models|reverse %}
{% set found = namespace(pointers=[], lists=[]) %}
{% for operation in operations if operation.response.model %}
{% set response = operation.response %}
{% set pointer = "/" ~ response.member if response.kind == "objects" or response.shape == "object" else "" %}
{% if response.kind == "object" and response.model == model.name and pointer not in found.pointers %}
{% set found.pointers = found.pointers + [pointer] %}
{% endif %}
{% if response.kind == "objects" and response.model == model.name and pointer not in found.lists %}
{% set found.lists = found.lists + [pointer] %}
{% endif %}
{# A struct with a list, such as a page. #}
{% if response.kind == "object" and response.shape == "array" %}
{% for page in models if page.name == response.model %}
{% for attribute in page.attributes if attribute.kind == "objects" and attribute.name == response.member %}
{% set pointer = "/" ~ attribute.name %}
{% if attribute.model == model.name and pointer not in found.lists %}
{% set found.lists = found.lists + [pointer] %}
{% endif %}
{% endfor %}
{% endfor %}
{% endif %}
{% endfor %}
{{ places("Places", model.name, found.pointers) -}}
{{ places("ListPlaces", model.name, found.lists) -}}
{% endfor %}

