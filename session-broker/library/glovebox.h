/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glovebox-desktop.h>
#include <glovebox-error.h>
#include <glovebox-result.h>
