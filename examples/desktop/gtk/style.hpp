// The style, based on the colours of the theme, so that dark themes work.

#ifndef AGENT_CONSOLE_STYLE_HPP
#define AGENT_CONSOLE_STYLE_HPP

constexpr char style[] = R"css(
@define-color brand #2563eb;
@define-color good #16a34a;
@define-color wait #b45309;
@define-color bad #b91c1c;

.program { font-weight: 600; margin-left: 8px; }
.side { background: @theme_base_color; border-right: 1px solid alpha(@theme_fg_color, 0.12); }
.side entry { margin: 12px 12px 10px 12px; border-radius: 8px; min-height: 34px; }
.side list { background: transparent; }
.side row { padding: 9px 12px; margin: 1px 8px; border-radius: 8px; }
.side row:hover { background: alpha(@theme_fg_color, 0.05); }
.side row:selected { background: alpha(@brand, 0.13); color: @theme_fg_color; }
.name { font-weight: 600; }
.dim { color: alpha(@theme_fg_color, 0.62); }
.small { font-size: 90%; }

.badge { font-size: 80%; font-weight: 600; border-radius: 9px; padding: 1px 8px; }
.badge.waits { color: @wait; background: alpha(#f59e0b, 0.18); }
.badge.in-session { color: @good; background: alpha(@good, 0.14); }

.details { background: @theme_base_color; padding: 28px 34px; }
.visitor-name { font-size: 165%; font-weight: 700; }
.fact { font-size: 92%; color: alpha(@theme_fg_color, 0.62); }
.empty-title { font-size: 130%; font-weight: 600; }
.code { font-family: monospace; background: alpha(@theme_fg_color, 0.06); border-radius: 6px; padding: 10px 14px; }

button.start { background: @brand; color: white; border: none; border-radius: 8px; padding: 7px 18px;
               font-weight: 600; text-shadow: none; box-shadow: none; -gtk-icon-shadow: none; }
button.start:hover { background: shade(@brand, 1.08); }
button.start:active { background: shade(@brand, 0.92); }
button.start:disabled { background: alpha(@brand, 0.35); color: white; }
button.stop { background: transparent; color: @bad; border: 1px solid alpha(@bad, 0.45); border-radius: 8px;
              padding: 7px 18px; font-weight: 600; text-shadow: none; box-shadow: none; }
button.stop:hover { background: alpha(@bad, 0.07); }
button.stop:disabled { color: alpha(@theme_fg_color, 0.35); border-color: alpha(@theme_fg_color, 0.15); }

.error-bar { background: #fdecea; color: #7f1d1d; border-bottom: 1px solid #f3b8b2; padding: 10px 14px; }
.error-bar button { background: white; color: #7f1d1d; border: 1px solid #e3a39c; border-radius: 7px;
                  text-shadow: none; box-shadow: none; padding: 4px 14px; -gtk-icon-shadow: none; }
.error-bar button:hover { background: #fff6f5; }
.error-bar button.flat { background: transparent; border: none; padding: 4px 6px; }

.status { background: @theme_bg_color; border-top: 1px solid alpha(@theme_fg_color, 0.12); padding: 0 14px; }
.status button { min-height: 22px; padding: 1px 12px; border-radius: 7px; }
.history treeview header button { font-weight: 600; padding: 7px 8px; }
.more { padding: 10px 14px; border-top: 1px solid alpha(@theme_fg_color, 0.12); }
)css";

#endif
