/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/input-filter/dialect-rows.h"

#include <stddef.h>

#define ESC "\033"

const DialectRow dialect_rows[] = {
  { "left_click", ESC "[<0;", NULL, {
      "{\"action\":\"left_click\",\"coordinate\":[320,200]}",
      "{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"computer\",\"input\":"
      "{\"action\":\"left_click\",\"coordinate\":[320,200]}}",
      "{\"type\":\"click\",\"button\":\"left\",\"x\":320,\"y\":200}",
      "{\"name\":\"click\",\"args\":{\"x\":250,\"y\":250}}",
      "{\"name\":\"click_at\",\"args\":{\"x\":250,\"y\":250}}" } },
  { "left_click model-size", ESC "[<0;", "640x400", {
      "{\"action\":\"left_click\",\"coordinate\":[321,201]}",
      "{\"action\":\"left_click\",\"coordinate\":[160,100]}",
      "{\"type\":\"click\",\"button\":\"left\",\"x\":160,\"y\":100}" } },
  { "left_click held-key", ESC "[<16;", NULL, {
      "{\"action\":\"left_click\",\"coordinate\":[320,200],\"text\":\"ctrl\"}",
      "{\"action\":\"left_click\",\"coordinate\":[320,200],\"key\":\"ctrl\"}",
      "{\"type\":\"click\",\"button\":\"left\",\"x\":320,\"y\":200,\"keys\":[\"CTRL\"]}" } },
  { "right_click", ESC "[<2;", NULL, {
      "{\"action\":\"right_click\",\"coordinate\":[320,200]}",
      "{\"type\":\"click\",\"button\":\"right\",\"x\":320,\"y\":200}",
      "{\"name\":\"right_click\",\"args\":{\"x\":250,\"y\":250}}" } },
  { "middle_click", ESC "[<1;", NULL, {
      "{\"action\":\"middle_click\",\"coordinate\":[320,200]}",
      "{\"type\":\"click\",\"button\":\"wheel\",\"x\":320,\"y\":200}",
      "{\"name\":\"middle_click\",\"args\":{\"x\":250,\"y\":250}}" } },
  { "double_click", ESC "[<0;", NULL, {
      "{\"action\":\"double_click\",\"coordinate\":[320,200]}",
      "{\"type\":\"double_click\",\"x\":320,\"y\":200}",
      "{\"name\":\"double_click\",\"args\":{\"x\":250,\"y\":250}}" } },
  { "triple_click", ESC "[<0;", NULL, {
      "{\"action\":\"triple_click\",\"coordinate\":[320,200]}",
      "{\"name\":\"triple_click\",\"args\":{\"x\":250,\"y\":250}}" } },
  { "mouse_move", ESC "[<35;", NULL, {
      "{\"action\":\"mouse_move\",\"coordinate\":[320,200]}",
      "{\"type\":\"move\",\"x\":320,\"y\":200}",
      "{\"name\":\"move\",\"args\":{\"x\":250,\"y\":250}}",
      "{\"name\":\"hover_at\",\"args\":{\"x\":250,\"y\":250}}" } },
  { "left_click_drag", ESC "[<32;", NULL, {
      "{\"action\":\"left_click_drag\",\"start_coordinate\":[128,200],\"coordinate\":[320,400]}",
      "{\"type\":\"drag\",\"path\":[{\"x\":128,\"y\":200},{\"x\":320,\"y\":400}]}",
      "{\"name\":\"drag_and_drop\",\"args\":{\"x\":100,\"y\":250,\"destination_x\":250,\"destination_y\":500}}",
      "{\"name\":\"drag_and_drop\",\"args\":{\"start_x\":100,\"start_y\":250,\"end_x\":250,\"end_y\":500}}" } },
  { "left_mouse_down mouse_move left_mouse_up", ESC "[<32;", NULL, {
      "{\"action\":\"left_mouse_down\",\"coordinate\":[128,200]}\n"
      "{\"action\":\"mouse_move\",\"coordinate\":[320,400]}\n"
      "{\"action\":\"mouse_move\",\"coordinate\":[640,200]}\n{\"action\":\"left_mouse_up\"}",
      "{\"type\":\"drag\",\"path\":[{\"x\":128,\"y\":200},{\"x\":320,\"y\":400},{\"x\":640,\"y\":200}]}",
      "{\"name\":\"mouse_down\",\"args\":{\"x\":100,\"y\":250}}\n{\"name\":\"move\",\"args\":{\"x\":250,\"y\":500}}\n"
      "{\"name\":\"mouse_up\",\"args\":{\"x\":500,\"y\":250}}" } },
  { "scroll down", ESC "[<65;", NULL, {
      "{\"action\":\"scroll\",\"coordinate\":[320,200],\"scroll_direction\":\"down\",\"scroll_amount\":3}",
      "{\"type\":\"scroll\",\"x\":320,\"y\":200,\"scroll_x\":0,\"scroll_y\":360}",
      "{\"name\":\"scroll\",\"args\":{\"x\":250,\"y\":250,\"direction\":\"down\",\"magnitude_in_pixels\":360}}",
      "{\"name\":\"scroll_at\",\"args\":{\"x\":250,\"y\":250,\"direction\":\"down\",\"magnitude\":450}}" } },
  { "scroll up", ESC "[<64;", NULL, {
      "{\"action\":\"scroll\",\"coordinate\":[640,400],\"scroll_direction\":\"up\",\"scroll_amount\":5}",
      "{\"type\":\"scroll\",\"x\":640,\"y\":400,\"scroll_x\":0,\"scroll_y\":-600}",
      "{\"name\":\"scroll_document\",\"args\":{\"direction\":\"up\"}}" } },
  { "key chord", "\005", NULL, {
      "{\"action\":\"key\",\"text\":\"ctrl+e\"}", "{\"type\":\"keypress\",\"keys\":[\"CTRL\",\"E\"]}",
      "{\"name\":\"hotkey\",\"args\":{\"keys\":[\"Control\",\"E\"]}}",
      "{\"name\":\"key_combination\",\"args\":{\"keys\":\"control+e\"}}" } },
  { "key", ESC "[6~", NULL, {
      "{\"action\":\"key\",\"text\":\"Page_Down\"}", "{\"type\":\"keypress\",\"keys\":[\"PAGEDOWN\"]}",
      "{\"name\":\"press_key\",\"args\":{\"key\":\"PageDown\"}}" } },
  { "type", "caf\303\251\r", NULL, {
      "{\"action\":\"type\",\"text\":\"caf\303\251\\n\"}", "{\"type\":\"type\",\"text\":\"caf\303\251\\n\"}",
      "{\"type\":\"computer_call\",\"call_id\":\"1\",\"actions\":[{\"type\":\"type\",\"text\":\"caf\303\251\"},"
      "{\"type\":\"keypress\",\"keys\":[\"ENTER\"]}]}",
      "{\"name\":\"type\",\"args\":{\"text\":\"caf\303\251\",\"press_enter\":true}}" } },
  { "left_click key type", "\001\177a\r", NULL, {
      "{\"action\":\"left_click\",\"coordinate\":[320,200]}\n{\"action\":\"key\",\"text\":\"ctrl+a BackSpace\"}\n"
      "{\"action\":\"type\",\"text\":\"a\\n\"}",
      "{\"name\":\"type_text_at\",\"args\":{\"x\":250,\"y\":250,\"text\":\"a\",\"press_enter\":true}}" } },
  { "scroll right", ESC "[<67;", NULL, {
      "{\"action\":\"scroll\",\"coordinate\":[320,200],\"scroll_direction\":\"right\",\"scroll_amount\":2}",
      "{\"type\":\"scroll\",\"x\":320,\"y\":200,\"scroll_x\":240,\"scroll_y\":0}",
      "{\"name\":\"scroll\",\"args\":{\"x\":250,\"y\":250,\"direction\":\"right\",\"magnitude_in_pixels\":240}}" } },
  { "hold_key", "h", NULL, {
      "{\"action\":\"hold_key\",\"text\":\"h\",\"duration\":0.05}",
      "{\"type\":\"tool_use\",\"id\":\"1\",\"name\":\"computer\",\"input\":{\"action\":\"hold_key\",\"text\":\"h\",\"duration\":0.05}}" } },
  { "wait type", "w", NULL, {
      "{\"action\":\"wait\",\"duration\":0.01}\n{\"action\":\"type\",\"text\":\"w\"}",
      "{\"type\":\"wait\"}\n{\"type\":\"type\",\"text\":\"w\"}",
      "{\"name\":\"wait\",\"args\":{\"seconds\":1}}\n{\"name\":\"type\",\"args\":{\"text\":\"w\",\"press_enter\":false}}" } },
  { NULL },
};
