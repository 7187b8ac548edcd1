"""Pydantic models of every JSON response, one module per subject; `/openapi.json` is generated from them.

The models of request bodies are in `clustertags/web/edit_requests.py`. Only `clustertags serve` imports this package:
importing pydantic takes about 0.15 s, which no other command should pay.
"""
