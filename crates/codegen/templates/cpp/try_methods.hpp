{% from "cpp/macros.txt" import comment %}
{% from "cpp/method.txt" import method %}
{% for operation in operations %}
{{ comment(operation.summary ~ " " ~ operation.details if operation.details else operation.summary, "    ") -}}
{{ method("Result<Answer>", "try_" ~ operation.name, operation, "try_call") -}}
{% endfor %}
