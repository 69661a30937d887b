{% for status in statuses %}
Public Const UPSCOPE_{{ status.name|upper }} As Long = {{ status.value }}
{% endfor %}
