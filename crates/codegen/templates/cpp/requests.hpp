{% from "cpp/macros.txt" import comment, member, required_text %}
{% macro structure(name, doc, keys, exactly_one) %}

{{ comment(doc ~ required_text(keys, exactly_one)|trim("\n"), "") -}}
struct {{ name }} {
{% for key in keys %}
{{ member(key) -}}
{% endfor %}
};
{% endmacro %}
{% macro choice(key) %}

{{ comment(key.doc ~ " Text does not convert to a boolean.", "") -}}
class {{ key.type_name }} {
public:
    template <typename T, std::enable_if_t<std::is_same_v<T, bool>, int> = 0>
    {{ key.type_name }}(T value) noexcept : word_(value ? "true" : "false") {}
{% for word in key.words %}
    static {{ key.type_name }} {{ word }}() noexcept {
        {{ key.type_name }} chosen(true);
        chosen.word_ = "\"{{ word }}\"";
        return chosen;
    }
{% endfor %}
    const char *json() const noexcept { return word_; }

private:
    const char *word_;
};
{% endmacro %}
{% macro nested(key, done) %}
{% if key.kind == "object" and key.type_name not in done %}
{% for member in objects[key.type_name].keys if member.kind == "boolean_or" %}
{{ choice(member) -}}
{% endfor %}
{{ structure(key.type_name, objects[key.type_name].doc, objects[key.type_name].keys, []) -}}
{% elif key.kind == "boolean_or" and key.type_name not in done %}
{{ choice(key) -}}
{% endif %}
{% endmacro %}
{{ structure("Config", "The configuration of a client.", configuration, []) -}}
{{ nested(options, []) -}}
{% set done = namespace(names=[]) %}
{% for operation in operations %}
{% for key in operation.keys %}
{{ nested(key, done.names) -}}
{% set done.names = done.names + [key.type_name] %}
{% endfor %}
{{ structure(operation.type_name, operation.summary, operation.keys + [options], operation.exactly_one) -}}
{% endfor %}

