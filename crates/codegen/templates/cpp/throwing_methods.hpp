{% from "cpp/method.txt" import method %}
{% for operation in operations %}
{{ method("Answer", operation.name, operation, "call") -}}
{% endfor %}
