{% from "cpp/macros.txt" import comment %}
{% from "cpp/method.txt" import method %}
{% for operation in operations %}
{% set text = operation.summary ~ " " ~ operation.details if operation.details else operation.summary %}
{% set response = operation.response %}
{% if response.kind == "object" %}
{% set text = text ~ " The struct of the response: as<" ~ response.model ~ ">()." %}
{% elif response.kind == "objects" %}
{% set text = text ~ " The structs of the response: list<" ~ response.model ~ ">()." %}
{% endif %}
{{ comment(text, "    ") -}}
{{ method("Result<Answer>", "try_" ~ operation.name, operation, "try_call") -}}
{% endfor %}
