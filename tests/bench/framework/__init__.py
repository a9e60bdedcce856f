"""What the framework costs, and what it gains: `make bench` measures.

Bodies are run small and untimed by tests/bench/test_framework.py.
"""
