{% from "pascal/macros.txt" import comment, error_class %}
{% for status in statuses if status.error %}
{{ comment(status.error.doc, "  ") }}
  {{ error_class(status) }} = class({{ "EUpscopeApiError" if status.error.is_api_error else "EUpscopeError" }});
{% endfor %}
