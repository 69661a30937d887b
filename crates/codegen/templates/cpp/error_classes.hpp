{% from "cpp/macros.txt" import comment %}
{% for status in statuses if status.error %}
{% set class = status.error.name|camel ~ "Error" %}
{% set base = "ApiError" if status.error.is_api_error else "Error" %}

{{ comment(status.error.doc, "") -}}
class {{ class }} : public {{ base }} {
public:
    explicit {{ class }}(const Error &error) : {{ base }}(error) {}
};
{% endfor %}

inline void Error::raise() const {
    switch (status()) {
{% for status in statuses if status.error %}
    case UPSCOPE_{{ status.name|upper }}:
        throw {{ status.error.name|camel }}Error(*this);
{% endfor %}
    default:
        throw Error(*this);
    }
}

