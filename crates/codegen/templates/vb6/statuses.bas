{% for status in statuses %}
Public Const UPSCOPE_{{ status.name|upper }} As Long = {{ status.value }}
{% endfor %}

' The values of Err.Number.
{% for status in statuses if status.error %}
Public Const UPSCOPE_ERROR_{{ status.name|upper }} As Long = UPSCOPE_ERROR_BASE + UPSCOPE_{{ status.name|upper }}
{% endfor %}
