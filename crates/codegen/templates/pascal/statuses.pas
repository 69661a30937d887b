  { How a call ended. }
{% for status in statuses %}
  UPSCOPE_{{ status.name|upper }} = {{ status.value }};
{% endfor %}
