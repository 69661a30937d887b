{% from "cpp/macros.txt" import comment %}
{% macro attribute_type(attribute) %}
{% if attribute.kind == "boolean" %}bool
{%- elif attribute.kind == "integer" %}std::int64_t
{%- elif attribute.kind == "any_object" %}Object
{%- elif attribute.kind == "texts" %}std::vector<std::string>
{%- elif attribute.kind == "object" %}{{ attribute.model }}
{%- elif attribute.kind == "objects" %}std::vector<{{ attribute.model }}>
{%- else %}std::string
{%- endif %}
{% endmacro %}
{# A struct after the structs that it contains. Lists may be of later structs. #}
{% for model in models|reverse %}
{# Iteration and webhooks give sessions, which also have their JSON. #}
{% set has_text = model.name == "Session" %}

{{ comment(model.doc, "") -}}
struct {{ model.name }}{% if has_text %} : JsonReader<{{ model.name }}>{% endif %} {
{% if has_text %}
    {{ model.name }}() = default;
    /** Reads the attributes from JSON. */
    template <typename Text, typename = detail::IfText<Text>>
    explicit {{ model.name }}(const Text &text) : text_(std::string_view(text)) {
        detail::read_model(text_, this);
    }

    /** The JSON that this was read from; empty if there is none. */
    const std::string &text() const noexcept { return text_; }

    /** See Answer::parsed. */
    template <typename Wanted = void, typename Found = typename detail::Parsed<Wanted>::type>
    Found parsed() const {
        return detail::parse<Found>(text_);
    }

{% endif %}
{% for attribute in model.attributes %}
{{ comment(attribute.doc, "    ") -}}
{{ "    " }}std::optional<{{ attribute_type(attribute)|trim }}> {{ attribute.name }} = {};
{% endfor %}
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
{% if has_text %}

private:
    std::string text_ = {};
{% endif %}
};
{% endfor %}

