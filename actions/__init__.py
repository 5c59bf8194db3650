"""Custom actions (thin) and the two fact rooms behind them: knowledge and directory."""
